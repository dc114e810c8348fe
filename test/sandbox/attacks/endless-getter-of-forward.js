// SUCCESS OF THE ATTACK: a getter that the judge touches never returns
exports.fn = class F extends engine.Function { static get forward() { for (;;) ; } static backward(c, g) { return g; } };
