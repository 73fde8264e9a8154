import { useState } from "react";
import { applyTheme, nextTheme, storedTheme, type Theme } from "./theme";

const names: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

export function ThemeToggle() {
  const [theme, setTheme] = useState(storedTheme);
  const turn = () => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" onClick={turn} className="min-h-11 rounded-control px-2 text-sm text-muted hover:text-ink">
      Colours: {names[theme]}
    </button>
  );
}
