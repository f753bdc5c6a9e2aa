import { Component, type ReactNode } from 'react';
import { useMessages } from '../i18n/language.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import './error-page.css';

/** In place of a page that could not be shown: a way on, instead of nothing. Who told of the error is the root. */
export class ErrorPage extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { problems } = useMessages();
  return (
    <main className="error-page">
      <h1>Tandem</h1>
      <Notice tone="fault">{problems.page}</Notice>
      <Button kind="primary" onPress={() => location.reload()}>
        {problems.reload}
      </Button>
    </main>
  );
}
