/** @file Whether a text can hold a reduction of a product: spares every other one the reading. */

export const PRODUCTS = /\b(matmul|mm|bmm|baddbmm|addmm|inner|einsum|tensordot|linear)\b/;
const REDUCTIONS = /\b(sum|mean|einsum)\b/;
const OTHER_MODULES = /\b(import|require)\b/;

export function mayHoldReductions(text: string): boolean {
  return PRODUCTS.test(text) && REDUCTIONS.test(text) && OTHER_MODULES.test(text);
}
