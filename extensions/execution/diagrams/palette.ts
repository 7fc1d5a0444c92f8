// Colours. A function's colour is its own (Okabe and Ito's set, shaded so that each has 3:1 against
// the paper and the lanes of its theme); everything else is ink. Test:
// test/extensions/palette.test.ts.

export type Theme = "light" | "dark";
export type Role = keyof typeof light;

const light = {
  paper: "#ffffff",
  lane: "#f5f6f8",
  card: "#ffffff",
  line: "#dfe2e7",
  ink: "#1c2127",
  ink2: "#5a636e",
  bad: "#b3261e",
  c0: "#0072b2",
  c1: "#c67e00",
  c2: "#00966d",
  c3: "#b9608f",
  c4: "#d55e00",
  c5: "#2f8ac0",
  c6: "#8c8200",
  c7: "#4d5258",
  c8: "#7c848d",
};

const dark: typeof light = {
  paper: "#16181c",
  lane: "#202329",
  card: "#1a1d21",
  line: "#363b43",
  ink: "#eceff3",
  ink2: "#a3acb8",
  bad: "#ff8a80",
  c0: "#4a9fd8",
  c1: "#e69f00",
  c2: "#1fb58a",
  c3: "#d98bb6",
  c4: "#ee7a2b",
  c5: "#7cc7f0",
  c6: "#e5d93b",
  c7: "#c5cad1",
  c8: "#8b939d",
};

export const palettes: Record<Theme, Record<Role, string>> = {light, dark};

export function functionRole(colour: number): Role {
  return `c${colour}` as Role;
}

/** What is written on a function's colour: whichever of white and black reads better. */
export function textOn(colour: string): string {
  return contrast(colour, "#ffffff") >= contrast(colour, "#101418") ? "#ffffff" : "#101418";
}

/** WCAG contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [dim, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((bright ?? 0) + 0.05) / ((dim ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
