export type Theme = "system" | "light" | "dark";

const key = "sr360-theme";
const order: readonly Theme[] = ["system", "light", "dark"];

function isTheme(value: string | null): value is Theme {
  return order.some((theme) => theme === value);
}

/** Storage may be refused (private windows, files opened from disk); then the choice lasts one visit. */
export function storedTheme(): Theme {
  try {
    const value = localStorage.getItem(key);
    return isTheme(value) ? value : "system";
  } catch {
    return "system";
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    return;
  }
}

export function nextTheme(theme: Theme): Theme {
  return order[(order.indexOf(theme) + 1) % order.length] ?? "system";
}
