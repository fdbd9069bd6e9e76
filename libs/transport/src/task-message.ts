import type { KafkaRecord } from './cloud-events-kafka.js';

/** A claim check: that there is a task. Nothing of it says whom it is about. */
export interface TaskNotice {
  /** UUID. */
  task: string;
  /** UUID of the request. */
  request: string;
  /** Id of the system, such as `storefront`; the message's key. */
  system: string;
  /** `access`, `portability`, `rectification`, `restriction` or `erasure`. */
  kind: string;
}

const NAMES = ['task', 'request', 'system', 'kind'] as const;

export const taskMessage = ({ task, request, system, kind }: TaskNotice, partition: number) => ({
  key: system,
  value: JSON.stringify({ task, request, system, kind } satisfies TaskNotice),
  headers: { 'content-type': 'application/json' },
  partition,
});

/** The notice in a message; undefined when there is none, or its key names another system. */
export function readTaskMessage({ key, value }: Pick<KafkaRecord, 'key' | 'value'>): TaskNotice | undefined {
  try {
    const said = JSON.parse(String(value)) as Partial<Record<string, unknown>> | null;
    if (said === null || !NAMES.every((name) => typeof said[name] === 'string' && said[name] !== '')) return undefined;
    return said.system === key?.toString() ? (said as unknown as TaskNotice) : undefined;
  } catch {
    return undefined;
  }
}
