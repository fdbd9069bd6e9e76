import type { EachBatchPayload, Kafka } from 'kafkajs';
import { GroupConsumer } from './group-consumer.js';
import { backoff, Bell } from './pace.js';
import { readTaskMessage } from './task-message.js';
import { TASKS_TOPIC } from './topics.js';

/** As '@attesta/sdk' has it, T being its `FulfilmentTask`: `task` says false of what is under way or answered. */
export interface TaskListener<T> {
  task(task: T): boolean;
  trouble(error: unknown): void;
}

export interface KafkaTasksOptions<T> {
  kafka: Kafka;
  /** Id of the system, as it is registered. */
  system: string;
  /** A task that waits for its answer, by its UUID (GET /v1/fulfilment/tasks/:task); undefined when it ended (404). */
  fetch: (task: string) => Promise<T | undefined>;
  /** Open tasks of the system, oldest first (GET /v1/fulfilment/tasks); without waiting for one. */
  open: () => Promise<T[]>;
  /** Processes of one system share its tasks when they name the same group. Default: the system. */
  groupId?: string;
  /** Default: `attesta.tasks.v1`. */
  topic?: string;
  /**
   * Most milliseconds between lists of what is open. What a handler could not do comes again by them, and what the topic lost. Default 60,000.
   */
  openEveryMs?: number;
}

/**
 * Tasks by news over Kafka, as a `TaskFeed` of '@attesta/sdk'. The topic only says that there is something: each task is fetched over HTTP, and
 * what is open is listed at the start and now and then. The topic may not exist yet, go, and come again; a task may be told several times.
 */
export const kafkaTasks = <T>(options: KafkaTasksOptions<T>) => ({
  start(listener: TaskListener<T>, signal: AbortSignal): void {
    new TaskReader(options, listener, signal).start();
  },
});

class TaskReader<T> {
  private readonly group: GroupConsumer;
  private readonly listNow = new Bell();

  constructor(
    private readonly options: KafkaTasksOptions<T>,
    private readonly listener: TaskListener<T>,
    private readonly signal: AbortSignal,
  ) {
    const { kafka, system, groupId = system, topic = TASKS_TOPIC } = options;
    this.group = new GroupConsumer({
      kafka,
      group: groupId,
      topic,
      prepare: () => Promise.resolve(),
      // Whoever read these partitions before us may have failed on what it read.
      assigned: (partitions) => partitions.length > 0 && this.listNow.ring(),
      batch: (payload) => this.batch(payload),
      onError: (error) => listener.trouble(error),
    });
  }

  start(): void {
    if (this.signal.aborted) return;
    const end = () => {
      this.listNow.ring();
      void this.group.stop();
    };
    this.signal.addEventListener('abort', end, { once: true });
    this.group.start();
    void this.list();
  }

  private async batch({ batch, resolveOffset, heartbeat, isRunning, isStale, commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> {
    let leaving = false;
    const beat = setInterval(() => void heartbeat().catch(() => (leaving = true)), 1_000);
    try {
      for (const message of batch.messages) {
        if (leaving || this.signal.aborted || !isRunning() || isStale()) return;
        if (message.key?.toString() === this.options.system) {
          const notice = readTaskMessage(message);
          if (notice) await this.take(notice.task);
          else this.listener.trouble(new Error(`No task at offset ${message.offset} of partition ${batch.partition}: passed over`));
        }
        resolveOffset(message.offset);
      }
      const { topic, partition } = batch;
      const offset = String(BigInt(batch.lastOffset()) + 1n);
      // Spares reading again; what was missed so is in the list of what is open.
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    } catch (error) {
      this.listener.trouble(error);
    } finally {
      clearInterval(beat);
    }
  }

  private async take(id: string): Promise<void> {
    try {
      const task = await this.options.fetch(id);
      if (task !== undefined && !this.signal.aborted) this.listener.task(task);
    } catch (error) {
      this.listener.trouble(error);
      this.listNow.ring();
    }
  }

  private async list(): Promise<void> {
    const { open, openEveryMs = 60_000 } = this.options;
    for (let idle = 0; !this.signal.aborted;) {
      this.listNow.clear();
      let fresh = 0;
      try {
        const tasks = await open();
        if (this.signal.aborted) return;
        // A list has an end: behind what is new to us there may be more.
        fresh = tasks.filter((task) => this.listener.task(task)).length;
      } catch (error) {
        if (this.signal.aborted) return;
        this.listener.trouble(error);
      }
      idle = fresh > 0 ? 0 : idle + 1;
      await this.listNow.wait(backoff(idle, openEveryMs));
    }
  }
}
