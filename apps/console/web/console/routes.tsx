import { lazy, Suspense, type ComponentType } from 'react';
import { createBrowserRouter, Navigate, useRouteError } from 'react-router';
import { Nothing, Page } from '../kit/parts.js';
import { roomsOf, type Room } from './rooms.js';
import type { Session } from './session.js';
import { Shell } from './shell.js';
import { useShellWords } from './shell.words.js';

/** Each room has its own router within its path, and is loaded when it is entered. */
const INSIDE: Record<Room, () => Promise<{ default: ComponentType }>> = {
  overview: () => import('./pages/overview/overview.js'),
  search: () => import('./pages/search/search.js'),
  people: () => import('./pages/people/people.js'),
  registers: () => import('./pages/registers/registers.js'),
  requests: () => import('./pages/requests/requests.js'),
  retention: () => import('./pages/retention/retention.js'),
  findings: () => import('./pages/findings/findings.js'),
  breaches: () => import('./pages/breaches/breaches.js'),
  notice: () => import('./pages/notice/notice.js'),
  exports: () => import('./pages/exports/exports.js'),
  health: () => import('./pages/health/health.js'),
};

export function newRouter(session: Session) {
  const rooms = roomsOf(session.roles);
  return createBrowserRouter(
    [
      {
        element: <Shell />,
        children: [
          ...rooms.map(({ path, name }) => {
            const Inside = lazy(INSIDE[name]);
            const element = (
              <Suspense fallback={null}>
                <Inside />
              </Suspense>
            );
            return path === ''
              ? { index: true, element, errorElement: <Broken /> }
              : { path: `${path}/*`, element, errorElement: <Broken /> };
          }),
          ...(rooms.length > 0 && rooms[0]!.path !== '' ? [{ index: true, element: <Navigate to={rooms[0]!.path} replace /> }] : []),
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
    { basename: '/console' },
  );
}

function NotFound() {
  const say = useShellWords();
  return (
    <Page title={say('notFound')}>
      <Nothing>{say('notFound')}</Nothing>
    </Page>
  );
}

function Broken() {
  const say = useShellWords();
  const error = useRouteError();
  return (
    <Page title={say('broken')}>
      <p role="alert">{error instanceof Error ? error.message : String(error)}</p>
    </Page>
  );
}
