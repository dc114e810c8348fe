// SUCCESS OF THE ATTACK: the random numbers of a check depend on the check before it
for (let i = 0; i < 1000; i++) Math.random(); engine.manualSeed(1234); exports.result = 'drawn';
