import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { LanguageProvider } from './i18n/language.tsx';
import { registerWorker } from './offline/register.ts';
import { createServices, ServicesProvider } from './services.tsx';
import { ErrorPage } from './telemetry/error-page.tsx';
import { watchErrors } from './telemetry/watch-errors.ts';
import './styles/base.css';

const place = document.getElementById('app');
if (place === null) throw new Error('index.html has no #app');

// A page of a former version asks for parts that are not there any more; the same page loaded anew has its own.
addEventListener('vite:preloadError', (event) => {
  const key = 'tandem.loaded-anew';
  if (Date.now() - Number(sessionStorage.getItem(key)) < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem(key, String(Date.now()));
  location.reload();
});

const services = createServices();
const { telemetry } = services;
watchErrors(telemetry);
registerWorker();

const failed = (error: unknown) => telemetry.error('render', error);
createRoot(place, { onUncaughtError: failed, onCaughtError: failed }).render(
  <StrictMode>
    <LanguageProvider>
      <ServicesProvider services={services}>
        <ErrorPage>
          <App />
        </ErrorPage>
      </ServicesProvider>
    </LanguageProvider>
  </StrictMode>,
);
