// SPDX-License-Identifier: GPL-2.0-only
// Added to a copy of a page: measures it once it is loaded, and leaves JSON in its place.

function parse(colour) {
	const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);

	return { r, g, b, a };
}

// What is seen when the colour @over is laid on @under, which is opaque.
function blend(over, under) {
	const mix = (a, b) => a * over.a + b * (1 - over.a);

	return { r: mix(over.r, under.r), g: mix(over.g, under.g), b: mix(over.b, under.b), a: 1 };
}

// WCAG 2, relative luminance and contrast ratio.
function luminance({ r, g, b }) {
	const [x, y, z] = [r, g, b].map(v => v / 255)
		.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

	return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}

function contrast(one, other) {
	const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);

	return (light + 0.05) / (dark + 0.05);
}

function holds(box, x, y) {
	return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
}

// What is painted behind @element: its ancestors, and in a chart the bars before it.
function background(element) {
	const dark = matchMedia('(prefers-color-scheme: dark)').matches;
	const layers = [];

	for (let up = element; up; up = up.parentElement)
		layers.unshift(parse(getComputedStyle(up).backgroundColor));
	const box = element.getBoundingClientRect();
	const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];

	if (element.ownerSVGElement)
		for (const bar of element.ownerSVGElement.querySelectorAll('rect'))
			if (holds(bar.getBoundingClientRect(), x, y))
				layers.push(parse(getComputedStyle(bar).fill));
	const canvas = dark ? { r: 0, g: 0, b: 0, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };

	return layers.reduce((under, over) => blend(over, under), canvas);
}

function texts() {
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const found = [];

	while (walker.nextNode()) {
		const element = walker.currentNode.parentElement;
		const text = walker.currentNode.data.trim();

		if (text && !element.closest('script, title') && element.getClientRects().length)
			found.push({ element, text, node: walker.currentNode });
	}
	return found;
}

function pale(words) {
	const worst = new Map();

	for (const { element, text } of words) {
		const style = getComputedStyle(element);
		const colour = element.ownerSVGElement ? style.fill : style.color;
		const ratio = contrast(blend(parse(colour), background(element)), background(element));
		const kind = `${element.tagName}.${element.getAttribute('class') ?? ''} ${colour}`;

		if (!(worst.get(kind)?.ratio <= ratio))
			worst.set(kind, { kind, text: text.slice(0, 40), ratio });
	}
	return [...worst.values()];
}

// Text that sticks out of the page, or out of a box that cuts it off.
function outside(words) {
	const width = document.documentElement.clientWidth;
	const found = [];

	for (const { element, text, node } of words) {
		const range = document.createRange();
		range.selectNodeContents(node);
		const { left, right } = element.ownerSVGElement ? element.getBoundingClientRect() :
							      range.getBoundingClientRect();
		const svg = element.ownerSVGElement?.getBoundingClientRect();
		const scrolls = element.closest('.wide');

		if (svg && (left < svg.left - 1 || right > svg.right + 1))
			found.push(`cut off by its chart: ${text}`);
		else if ((left < -1 || right > width + 1) &&
			 !(scrolls && getComputedStyle(scrolls).overflowX === 'auto'))
			found.push(`out of the page: ${text.slice(0, 60)}`);
	}
	return found;
}

function overlap(a, b) {
	return a.left < b.right - 1 && b.left < a.right - 1 &&
	       a.top < b.bottom - 4 && b.top < a.bottom - 4;
}

// Text of a chart that runs into other text, or out of the bar that it begins in or before.
function overlapping() {
	const box = element => ({ element, ...element.getBoundingClientRect().toJSON() });
	const found = [];

	for (const chart of document.querySelectorAll('svg')) {
		const texts = [...chart.querySelectorAll('text')].map(box);
		const bars = [...chart.querySelectorAll('rect')].map(box);

		texts.forEach((text, i) => {
			for (const other of texts.slice(i + 1).filter(other => overlap(text, other)))
				found.push(`${text.element.textContent} on ${other.element.textContent}`);
			for (const bar of bars.filter(bar => overlap(text, bar)))
				if (text.left < bar.left || text.right > bar.right)
					found.push(`${text.element.textContent} on a bar`);
		});
	}
	return found;
}

function probe() {
	const words = texts();
	const verdict = document.querySelector('.verdict');

	return {
		dark: matchMedia('(prefers-color-scheme: dark)').matches,
		first: words[0].text,
		verdict: verdict?.innerText,
		verdict_bottom: verdict?.getBoundingClientRect().bottom,
		page: luminance(background(document.body)),
		width: document.documentElement.scrollWidth,
		texts: words.length,
		contrasts: pale(words),
		outside: outside(words),
		overlapping: overlapping(),
		loaded: performance.getEntriesByType('resource').map(entry => entry.name),
		astray: [...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))
			.filter(href => !(href[0] === '#' && document.getElementById(href.slice(1)))),
	};
}

addEventListener('load', () => {
	const found = JSON.stringify(probe());

	document.body.textContent = found;
});
