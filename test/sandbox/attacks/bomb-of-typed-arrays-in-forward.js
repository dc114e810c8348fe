// SUCCESS OF THE ATTACK: memory outside of the heap is filled, which the limit on the heap does not count
const kept = []; exports.fn = class F extends engine.Function { static forward(c, x) { for (;;) kept.push(new Uint8Array(1 << 22).fill(1)); } static backward(c, g) { return g; } };
