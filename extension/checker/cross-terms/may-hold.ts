/** @file Whether a text can hold a reduction of a product: spares every other one the reading. */

export const PRODUCTS = /\b(matmul|mm|bmm|multiDot|baddbmm|addmm|inner|einsum|tensordot|linear)\b/;
const REDUCTIONS = /\b(sum|mean|einsum)\b/;
const OTHER_MODULES = /\b(import|require)\b/;
/** `gram(x).sum()`, `mean(gram(x))`, where another module of the workspace has `gram`. */
const REDUCED_CALLS = /\)\s*\.\s*(sum|mean)\s*\(|\b(sum|mean)\s*\(\s*[\w$.]+\(/;
const OWN_MODULES = /\bfrom\s*["']\.{1,2}\//;

export function mayHoldReductions(text: string): boolean {
  if (PRODUCTS.test(text)) return REDUCTIONS.test(text) && OTHER_MODULES.test(text);
  return REDUCED_CALLS.test(text) && OWN_MODULES.test(text);
}
