// What a page says of itself to those who do not run it: link previews and search engines.

import { escaped } from './og/svg.ts';

export interface Head {
  title: string;
  description: string;
  /** Paths on this server. */
  picture: string;
  canonical: string;
}

/** The page with a head of its own. Everything in it is text, whatever a researcher wrote. */
export function withHead(page: Response, head: Head, origin: string): Response {
  const at = (path: string) => new URL(path, origin).href;
  const tags = [
    meta('name', 'description', head.description),
    `<link rel="canonical" href="${escaped(at(head.canonical))}" />`,
    meta('property', 'og:site_name', 'Tabgrad'),
    meta('property', 'og:type', 'website'),
    meta('property', 'og:title', head.title),
    meta('property', 'og:description', head.description),
    meta('property', 'og:url', at(head.canonical)),
    meta('property', 'og:image', at(head.picture)),
    meta('property', 'og:image:type', 'image/png'),
    meta('property', 'og:image:width', '1200'),
    meta('property', 'og:image:height', '630'),
    meta('property', 'og:image:alt', `${head.title}, in numbers and curves as of now`),
    meta('name', 'twitter:card', 'summary_large_image'),
  ];
  const rewritten = new HTMLRewriter()
    .on('title', { element: (element) => void element.setInnerContent(head.title) })
    .on('meta[name=description]', { element: (element) => void element.remove() })
    .on('head', { element: (element) => void element.append(tags.join('\n'), { html: true }) })
    .transform(page);
  const headers = new Headers(rewritten.headers);
  // It names the file that the page was made from, not the page.
  headers.delete('etag');
  return new Response(rewritten.body, { status: rewritten.status, headers });
}

const meta = (kind: 'name' | 'property', name: string, content: string) =>
  `<meta ${kind}="${name}" content="${escaped(content)}" />`;
