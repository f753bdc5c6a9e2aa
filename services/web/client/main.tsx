import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { LanguageProvider } from './i18n/language.tsx';
import { createServices, ServicesProvider } from './services.tsx';
import './styles/base.css';

const place = document.getElementById('app');
if (place === null) throw new Error('index.html has no #app');

createRoot(place).render(
  <StrictMode>
    <LanguageProvider>
      <ServicesProvider services={createServices()}>
        <App />
      </ServicesProvider>
    </LanguageProvider>
  </StrictMode>,
);
