/** @file A mutant: a rule's file with one deliberate fault in what backward gives. */

export interface Mutant {
  /** What was done: "sign", "dropped-term". */
  readonly kind: string;
  /** The kind, and where: "sign of weight", "dropped-term 12:20 a.add(b) → a". Unique within the rule. */
  readonly name: string;
  /** The whole file, with the fault. */
  readonly text: string;
  /** Name of the class that has it. */
  readonly className: string;
}
