// SUCCESS OF THE ATTACK: what backward returns is no tensor, and is taken for the right one
exports.fn = class F extends engine.Function { static forward(c, x) { c.saveForBackward(x); return x.sin(); } static backward(c, g) { return new Proxy(g.mul(c.savedTensors[0].cos()), {}); } };
exports.result = 'returned';
