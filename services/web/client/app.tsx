import { RouterProvider } from 'react-aria-components';
import { Route, Switch, useLocation } from 'wouter';
import { RoomPage } from './screens/room-page.tsx';
import { StartPage } from './screens/start-page.tsx';

/** One page for each place: the start, and every room. */
export function App() {
  const [, navigate] = useLocation();
  return (
    <RouterProvider navigate={(path) => navigate(path)}>
      <Switch>
        <Route path="/r/:room">{({ room }) => <RoomPage key={room} room={room} />}</Route>
        <Route>
          <StartPage />
        </Route>
      </Switch>
    </RouterProvider>
  );
}
