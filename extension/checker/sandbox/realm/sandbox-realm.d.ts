/** @file The realm's script as text: scripts/sandbox-bundle.ts makes it and puts it into the boot. */

declare module "sandbox:realm" {
  const text: string;
  export default text;
}
