// Moments as the town's clocks show them, wherever the screen's own computer believes to be.

const IN_TOWN = { timeZone: "Asia/Shanghai" };

/** @param {Date} at @returns {string} 08:05:09 */
export const clock = (at) => at.toLocaleTimeString("sv", IN_TOWN);

/** @param {Date} at @returns {string} 2026-03-02 */
export const day = (at) => at.toLocaleDateString("sv", IN_TOWN);
