import { renderWebviewHead } from "../base/webviewPage.ts";

/** Where the page finds its files, and what it may load: nothing but them. */
export type CurvesPageFiles = {
  cspSource: string;
  nonce: string;
  media: (name: string) => string;
  dist: (name: string) => string;
};

/** The page of curves. It may load its own files and nothing else; what it shows comes as messages. */
export function renderCurvesPage({ cspSource, nonce, media, dist }: CurvesPageFiles): string {
  const styles = [dist("uPlot.css"), media("curves.css")];
  const head = renderWebviewHead({ cspSource, nonce, title: "Curves", styles });
  return `${head}
<body>
<header id="bar">
<h1 class="unseen">Curves</h1>
<div role="tablist" aria-label="How to show the metrics">
<button id="tab-charts" role="tab" type="button" aria-controls="charts">Charts</button>
<button id="tab-table" role="tab" type="button" aria-controls="charts">Table</button>
<button id="tab-sweep" role="tab" type="button" aria-controls="charts">Sweep</button>
</div>
<label class="of-charts">Axis <select id="axis"><option value="step">Step</option><option value="relative">Time since the start</option><option value="wall">Clock</option></select></label>
<label class="of-charts">Smoothing <input id="smoothing" type="range" min="0" max="0.99" step="0.01" value="0"> <output id="smoothing-value" for="smoothing"></output></label>
<label class="of-charts"><input id="log" type="checkbox"> Logarithmic</label>
<label class="of-charts" title="The range leaves out the outermost 2 % of the values at each end"><input id="robust" type="checkbox"> Ignore outliers</label>
<input id="filter" type="search" placeholder="Filter metrics" aria-label="Filter metrics" title="Part of a name, or a /pattern/. The key / goes here." spellcheck="false">
<span id="count" class="note" role="status"></span>
<span class="end">
<button id="reset" class="quiet" type="button" hidden>Reset All Zooms</button>
<button id="export" class="quiet" type="button" aria-haspopup="menu">Export…</button>
<button id="folder" class="quiet" type="button" title="Show the runs of a folder of logs, whoever wrote them">Folder…</button>
<button id="choose" type="button">Choose Runs…</button>
</span>
</header>
<main>
<div id="failure" role="alert" hidden><span id="failure-text"></span> <button id="retry" type="button">Try Again</button></div>
<p id="reading" class="empty" role="status"></p>
<details id="runs" open hidden>
<summary id="runs-title">Runs</summary>
<input id="run-filter" type="search" placeholder="Filter runs: name, status, lr=0.01" aria-label="Filter runs" spellcheck="false">
<label id="grouping" title="One colour for the runs with one value of a hyper-parameter, and the mean of their curves" hidden>Group by <select id="group"></select></label>
<div id="run-table" tabindex="-1"></div>
</details>
<div id="charts" role="tabpanel"></div>
</main>
<p id="said" class="unseen" aria-live="polite"></p>
<script nonce="${nonce}" src="${dist("uPlot.js")}"></script>
<script type="module" nonce="${nonce}" src="${media("curves.js")}"></script>
</body>
</html>`;
}
