// What a person may call the device that they signed in on: a browser's own name for itself is longer than a list.

const browsers = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
const systems = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS X", "Mac"], ["CrOS", "ChromeOS"], ["Linux", "Linux"]];

/** @param {string} userAgent */
export function deviceName(userAgent) {
  const named = (names) => names.find(([mark]) => userAgent.includes(mark))?.[1];
  const [browser, system] = [named(browsers), named(systems)];
  if (!browser) return userAgent.split("/")[0] || "An unknown device";
  return system ? `${browser} on ${system}` : browser;
}
