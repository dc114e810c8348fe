// SUCCESS OF THE ATTACK: an output has a `contiguous` of its own, and is measured as something else
exports.fn = class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); const y = x.sin(); Object.defineProperty(y, 'contiguous', { value: () => x.mul(x) }); return y; } static backward(c, g) { return g.mul(c.savedTensors[0].mul(2)); } };
