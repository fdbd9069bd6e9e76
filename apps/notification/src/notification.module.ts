import { AccessRecorder, databaseAnswers, DeniedAccess, Readiness, observe } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AlertsController } from './alerts.controller.js';
import { BreachesController } from './breaches.controller.js';
import { Breaches } from './breaches.js';
import { MessagesController } from './messages.controller.js';
import { NotificationConsumer } from './notification.consumer.js';
import { Notification } from './notification.js';
import { OpsController } from './ops.controller.js';
import { OWN_ROUTES } from './own-routes.js';
import { StopsController } from './stops.controller.js';
import { WavesController } from './waves.controller.js';
import { notificationReadings } from './notification-readings.js';

/** The notification service over HTTP and the sealed feed. */
@Module({})
export class NotificationModule implements OnModuleInit, OnApplicationShutdown {
  private observed: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Notification) private readonly notification: Notification,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  static forRoot({ notification }: { notification: Notification }): DynamicModule {
    return {
      module: NotificationModule,
      controllers: [
        NotificationConsumer,
        MessagesController,
        WavesController,
        AlertsController,
        BreachesController,
        StopsController,
        OpsController,
      ],
      providers: [
        { provide: Notification, useValue: notification },
        { provide: Breaches, useValue: notification.breaches },
        { provide: AccessRecorder, useValue: recorderOf(notification) },
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.register('notification-database', databaseAnswers(this.notification.pool));
    this.denied.onDenied((denied) => this.access.denied(denied));
    this.observed = [observe({ component: 'notification', read: () => notificationReadings(this.notification) })];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.observed.map((end) => end()));
    await this.notification.close();
  }
}

const recorderOf = (notification: Notification): AccessRecorder =>
  new AccessRecorder({
    routes: OWN_ROUTES,
    now: () => notification.now(),
    say: (events) => notification.log.append(notification.pool, 'access', 'any', events),
  });
