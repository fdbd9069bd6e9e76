import type { Express } from 'express';

interface RouteLayer {
  route?: { methods: Record<string, boolean> };
  match(path: string): boolean;
}

/** HTTP methods of the registered routes that match the path; empty when no route does. */
export function methodsAllowedAt(app: Express, path: string): string[] {
  const { stack } = app.router as unknown as { stack: RouteLayer[] };
  const allowed = new Set<string>();
  for (const layer of stack) {
    if (!layer.route || !matches(layer, path)) continue;
    for (const method of Object.keys(layer.route.methods)) if (method !== '_all') allowed.add(method.toUpperCase());
  }
  if (allowed.has('GET')) allowed.add('HEAD');
  return [...allowed].sort();
}

function matches(layer: RouteLayer, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false; // broken percent-encoding
  }
}
