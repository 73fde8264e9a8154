/** Which part of the drawing is in the window: its middle, and how many times larger it is drawn. */
export interface View {
  x: number;
  y: number;
  zoom: number;
}

const limits = { least: 0.1, most: 4 };

export function zoomed(view: View, factor: number): View {
  return { ...view, zoom: Math.min(limits.most, Math.max(limits.least, view.zoom * factor)) };
}

export function moved(view: View, x: number, y: number): View {
  return { ...view, x: view.x - x / view.zoom, y: view.y - y / view.zoom };
}

/** All of a drawing in a window, never larger than life. */
export function fitted(drawing: { width: number; height: number }, window: { width: number; height: number }): View {
  const margin = 24;
  const zoom = Math.min(1, (window.width - margin) / drawing.width, (window.height - margin) / drawing.height);
  return zoomed({ x: drawing.width / 2, y: drawing.height / 2, zoom: Math.max(zoom, limits.least) }, 1);
}

/** The drawing's own coordinates that fill the window. */
export function viewBox({ x, y, zoom }: View, window: { width: number; height: number }): string {
  const [width, height] = [window.width / zoom, window.height / zoom];
  return [x - width / 2, y - height / 2, width, height].map((value) => value.toFixed(1)).join(" ");
}
