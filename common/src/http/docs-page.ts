import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types';

type Document = OpenAPIV3.Document | OpenAPIV3_1.Document;

/** A page for people made of an OpenAPI document: plain HTML, no script, nothing loaded from elsewhere. */
export function renderDocs(document: Document | object): string {
  const { info, paths } = document as Document;
  const operations = Object.entries(paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => renderOperation(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
  summary { cursor: pointer; padding: .3rem 0 } code { font-size: .95em }
  pre { overflow: auto; padding: .75rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: .4rem }
  .method { display: inline-block; min-width: 4.5rem; font-weight: 600 }
</style>
<h1>${escapeHtml(info.title)} <small>${escapeHtml(info.version)}</small></h1>
<p>${escapeHtml(info.description ?? '')}</p>
${operations.join('\n')}
</html>
`;
}

function renderOperation(method: string, path: string, operation: unknown): string {
  const { summary = '', description = '' } = operation as OpenAPIV3_1.OperationObject;
  return `<details>
<summary><span class="method">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code> ${escapeHtml(summary)}</summary>
<p>${escapeHtml(description)}</p>
<pre>${escapeHtml(JSON.stringify(operation, null, 2))}</pre>
</details>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
