import { packLibrary } from "./msn-package.ts";

// Packs the MSN library into the folder where one stands.
//
//     npm run pack:msn

const { path, files } = await packLibrary(process.cwd());
console.log(`${path}, with ${files.length} files`);
