/** @file Which files can hold a Function. */

/** Extensions of the files that are read, without the dot. */
export const CODE_EXTENSIONS = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"] as const;

/** Folders whose contents somebody else wrote, or a build did. Folders whose name begins with a dot join them. */
export const SKIPPED_FOLDERS = ["node_modules", "dist"] as const;

const CODE = new RegExp(`\\.(${CODE_EXTENSIONS.join("|")})$`);
const DECLARATIONS = /\.d\.(ts|mts|cts)$/;

export function canHoldFunctions(path: string): boolean {
  return CODE.test(path) && !DECLARATIONS.test(path);
}

export function isSkippedFolder(name: string): boolean {
  return name.startsWith(".") || (SKIPPED_FOLDERS as readonly string[]).includes(name);
}
