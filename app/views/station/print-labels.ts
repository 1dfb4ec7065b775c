/**
 * Labels on paper: pages of pictures at their true size, shown only to the printer while window.print() runs. The page's own
 * security policy takes no inline styles, so that sizes are set on elements and the page's size in a sheet made here.
 */
import { labelPages, type LabelSize } from '../../fleet/labels.ts';

export interface PrintedLabel {
  /** For who cannot see it. */
  readonly alt: string;
  readonly svg: string;
}

export const svgUrl = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;

const millimetres = (element: HTMLElement, values: Record<string, number>): void => {
  for (const [name, value] of Object.entries(values)) element.style.setProperty(name, `${value}mm`);
};

/** Resolves once the person has printed or changed their mind. */
export async function printLabels(
  labels: readonly PrintedLabel[],
  size: LabelSize,
  skip: number,
  target: Window = window,
): Promise<void> {
  const { document } = target;
  const paper = document.createElement('div');
  paper.className = 'paper';
  const pictures: HTMLImageElement[] = [];
  for (const page of labelPages(labels, size, skip)) {
    const leaf = document.createElement('div');
    leaf.className = 'paper-page';
    millimetres(leaf, { width: size.pageWidthMm, height: size.pageHeightMm });
    for (const { label, xMm, yMm } of page) {
      const picture = document.createElement('img');
      picture.src = svgUrl(label.svg);
      picture.alt = label.alt;
      const { widthMm: width, heightMm: height } = size;
      millimetres(picture, { left: xMm, top: yMm, width, height });
      leaf.append(picture);
      pictures.push(picture);
    }
    paper.append(leaf);
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@page { size: ${size.pageWidthMm}mm ${size.pageHeightMm}mm; margin: 0 }`);
  document.body.append(paper);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  try {
    await Promise.all(pictures.map((picture) => picture.decode()));
    // Returns when the dialog is closed; some phones return at once and say later.
    const printed = new Promise<void>((resolve) =>
      target.addEventListener('afterprint', () => resolve(), { once: true }),
    );
    target.print();
    await printed;
  } finally {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    paper.remove();
  }
}
