import type { KafkaRecord } from './cloud-events-kafka.js';

/** A claim check: that there is a task. Nothing of it says whom it is about. */
export interface TaskNotice {
  /** UUID. */
  task: string;
  /** UUID of the request that it belongs to, or of the disposal. */
  request?: string;
  disposal?: string;
  /** Id of the system, such as `storefront`; the message's key. */
  system: string;
  /** `access`, `portability`, `rectification`, `restriction` or `erasure`. */
  kind: string;
}

const NAMES = ['task', 'system', 'kind'] as const;
const OWNERS = ['request', 'disposal'] as const;

export const taskMessage = ({ task, request, disposal, system, kind }: TaskNotice, partition: number) => ({
  key: system,
  value: JSON.stringify({ task, request, disposal, system, kind }),
  headers: { 'content-type': 'application/json' },
  partition,
});

/** The notice in a message; undefined when there is none, or its key names another system. */
export function readTaskMessage({ key, value }: Pick<KafkaRecord, 'key' | 'value'>): TaskNotice | undefined {
  try {
    const said = JSON.parse(String(value)) as Partial<Record<string, unknown>> | null;
    const has = (name: string) => typeof said?.[name] === 'string' && said[name] !== '';
    if (said === null || !NAMES.every(has) || OWNERS.filter(has).length !== 1) return undefined;
    return said.system === key?.toString() ? (said as unknown as TaskNotice) : undefined;
  } catch {
    return undefined;
  }
}
