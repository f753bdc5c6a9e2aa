import { lazy, Suspense } from 'react';
import { RouterProvider } from 'react-aria-components';
import { Route, Switch, useLocation } from 'wouter';
import { Header } from './screens/header.tsx';
import { StartPage } from './screens/start-page.tsx';

const RoomPage = lazy(async () => ({ default: (await import('./screens/room-page.tsx')).RoomPage }));

/** One page for each place: the start, and every room. */
export function App() {
  const [, navigate] = useLocation();
  return (
    <RouterProvider navigate={(path) => navigate(path)}>
      <Suspense fallback={<Header />}>
        <Switch>
          <Route path="/r/:room">{({ room }) => <RoomPage key={room} room={room} />}</Route>
          <Route>
            <StartPage />
          </Route>
        </Switch>
      </Suspense>
    </RouterProvider>
  );
}
