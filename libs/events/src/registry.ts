import type { EventDefinition } from './define.js';

/** All known versions of all event types. Built once; lookups never change it. */
export class EventRegistry {
  private readonly byType = new Map<string, EventDefinition>();
  private readonly byName = new Map<string, EventDefinition[]>();

  /** Throws when versions of a type have a hole, or a version that has a successor has no upcast: either would strand sealed events. */
  constructor(definitions: readonly EventDefinition[]) {
    for (const definition of definitions) {
      if (this.byType.has(definition.type)) throw new Error(`${definition.type} is defined twice`);
      this.byType.set(definition.type, definition);
      const versions = this.byName.get(definition.name) ?? [];
      versions.push(definition);
      this.byName.set(definition.name, versions);
    }
    for (const versions of this.byName.values()) {
      versions.sort((a, b) => a.version - b.version);
      versions.forEach((definition, i) => {
        if (definition.version !== i + 1) throw new Error(`${definition.name} has no version ${i + 1}`);
        const newest = i === versions.length - 1;
        if (newest !== (definition.upcast === undefined)) {
          throw new Error(
            newest ? `${definition.type} is the newest version and upcasts to nothing` : `${definition.type} needs an upcast`,
          );
        }
      });
    }
  }

  get(type: string): EventDefinition | undefined {
    return this.byType.get(type);
  }

  /** Every version of a type, oldest first; `name` is the type without `.vN`. */
  versions(name: string): readonly EventDefinition[] {
    return this.byName.get(name) ?? [];
  }

  all(): EventDefinition[] {
    return [...this.byType.values()];
  }

  /**
   * A sealed event's type and data as the newest version would have them. The sealed bytes stay as they are; readers call this so that they
   * know one shape only. Throws on a type that was never defined.
   */
  upcast(type: string, data: Record<string, unknown>): { type: string; data: Record<string, unknown> } {
    let definition = this.byType.get(type);
    if (definition === undefined) throw new Error(`${type} is not a known event type`);
    let current = data;
    while (definition.upcast !== undefined) {
      current = definition.upcast(current);
      const next: EventDefinition | undefined = this.byType.get(`${definition.name}.v${definition.version + 1}`);
      if (next === undefined) break;
      definition = next;
    }
    return { type: definition.type, data: current };
  }
}
