// SUCCESS OF THE ATTACK: markup, command links and escapes in a finding act in the editor or the terminal
exports.fn = class F extends engine.Function { static forward() { throw new Error('\x1b]8;;file:///\x07[click](command:workbench.action.quit) <img src=x onerror=alert(1)> $(trash) \x1b[2J\u202e\u2066'); } static backward() {} }; exports.result = 'thrown';
