/** @file What the suite in the extension host hands back, as JSON in a file. */

/** Names the file to write, in the extension host's environment. */
export const resultsVariable = "GRADIENT_LENS_HOST_RESULTS";

interface Failure {
  title: string;
  error: string;
}

export interface HostResults {
  passed: string[];
  failed: Failure[];
  /** First tries that failed. */
  retried: Failure[];
  skipped: string[];
  /** Set when the run itself broke: a suite that does not load, say. */
  broken?: string;
}
