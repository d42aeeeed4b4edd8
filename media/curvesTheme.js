// Colours of the theme, read anew whenever it changes: canvases know no CSS variables.
const NAMES = ["blue", "orange", "green", "purple", "red", "yellow"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

function variable(name, fallback) {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return value === "" ? fallback : value;
}

export function readTheme() {
  const foreground = variable("--vscode-editor-foreground", "#888");
  return {
    foreground,
    background: variable("--vscode-editor-background", "#000"),
    muted: variable("--vscode-descriptionForeground", foreground),
    grid: variable("--vscode-panel-border", variable("--vscode-contrastBorder", "#8884")),
    font: `12px ${variable("--vscode-font-family", "sans-serif")}`,
    colors: NAMES.map((name) => variable(`--vscode-charts-${name}`, foreground)),
    isHighContrast: document.body.matches(".vscode-high-contrast, .vscode-high-contrast-light"),
  };
}

/** Colour and dash of a run. Colours come again after six runs, and then the dash tells them apart; so it does from the first in high contrast. */
export function strokeOf(theme, index) {
  const { colors, isHighContrast } = theme;
  const dash = isHighContrast ? index : Math.floor(index / colors.length);
  return { color: colors[index % colors.length], dash: DASHES[dash % DASHES.length] };
}
