#!/bin/sh
# Made the certificates beside this file, for the tests of TLS; needs openssl 3. The keys of the authorities are thrown
# away, so run again it makes all of them anew. They are valid from 2020 to 2126, and the expired one until 2021.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

cat >"$work/ca.cnf" <<END
[ca]
database = $work/index.txt
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = policy
unique_subject = no
default_startdate = 20200101000000Z
[policy]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[here]
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[elsewhere]
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.example
END
: >"$work/index.txt"
echo 01 >"$work/serial"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# sign NAME KEY EXTENSIONS END HOW...: makes NAME.pem
sign() {
  openssl req -new -key "$2" -subj "/CN=Test $1" -out "$work/$1.csr"
  name=$1 extensions=$3 end=$4
  shift 4
  openssl ca -batch -notext -config "$work/ca.cnf" -name ca -extensions "$extensions" -enddate "$end" "$@" \
    -in "$work/$name.csr" -out "$name.pem"
}

for name in ca other-ca; do
  key "$work/$name.key"
  sign "$name" "$work/$name.key" authority 21260101000000Z -selfsign -keyfile "$work/$name.key"
done
key leaf.key
sign leaf leaf.key here 21260101000000Z -cert ca.pem -keyfile "$work/ca.key"
sign expired leaf.key here 20210101000000Z -cert ca.pem -keyfile "$work/ca.key"
sign wrong-host leaf.key elsewhere 21260101000000Z -cert ca.pem -keyfile "$work/ca.key"
