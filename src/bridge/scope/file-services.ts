import type { Media } from "../../matrix/media/media.ts";
import type { PublicMedia } from "../../matrix/media/public-media.ts";
import type { FileBudget } from "./file-budget.ts";
import type { Limiter } from "../../util/limiter.ts";

/** What files need of the bridge. */
export interface FileServices {
  readonly media: Pick<Media, "upload" | "download" | "uploadLimit">;
  /** Links for people without Matrix; undefined where there are none. */
  readonly links: PublicMedia | undefined;
  /** Lets thumbnails be made one after the other, since each takes much memory. */
  readonly thumbnails: Limiter;
}

/** What files need of a login: lets only so many of them go each way at once. */
export interface FileLimits {
  /** How much comes from each contact in a day without a question. */
  readonly daily: FileBudget;
  readonly fromMsn: Limiter;
  readonly toMsn: Limiter;
}
