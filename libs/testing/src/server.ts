import fs from 'node:fs';
import path from 'node:path';

/** Where a program of this name is, by PATH. */
export const onPath = (program: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((place) => path.join(place, program))
    .find((file) => fs.existsSync(file));

/** A suite that needs a server which not every machine has. Where there is none it is one skipped test whose name says what to install. */
export function describeServer(name: string, server: string | undefined, need: string, suite: (server: string) => void): void {
  if (server !== undefined) return describe(`${name} (${server})`, () => suite(server));
  describe(name, () => {
    it.skip(`skipped, there is no ${need}`, () => undefined);
  });
}
