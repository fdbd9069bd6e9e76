import { IsInt, Max, Min } from 'class-validator';
import { EnvVariable } from './variable.js';

/** Where metrics are served. Read before anything else, so that instruments are heard from the first on. */
export class MetricsConfig {
  @EnvVariable({
    name: 'METRICS_PORT',
    kind: 'integer',
    optional: true,
    about:
      'The TCP port that answers GET /metrics in the format of Prometheus, to anybody who reaches it: keep it inside. Without it there are none. Under `npm run start:kafka` the ledger has this one and the other services those after it.',
  })
  @IsInt()
  @Min(1)
  @Max(65_535)
  port?: number;

  @EnvVariable({ name: 'METRICS_HOST', default: '0.0.0.0', about: 'The address that METRICS_PORT listens on.' })
  host!: string;
}
