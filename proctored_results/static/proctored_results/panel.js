/**
 * The panel of proctored exam results, in the Data Download section of the instructor dashboard or on its own page.
 *
 * It shows what the REST API returns, and polls the API while somebody can see it. Its words come from the API and from
 * the panel's HTML, and new rows from the `<template>` there. It is a custom element, so the order in which the browser
 * loads this script and the HTML does not matter.
 */
(() => {
  "use strict";

  const FIRST_REPORTS = 5;
  const MORE_REPORTS = 20;
  const LARGEST_PAGE = 100;

  const SECOND = 1000;
  const MIN_POLL_DELAY = SECOND;
  const MAX_POLL_DELAY = 15 * SECOND;
  const BACKOFF_FACTOR = 1.4;
  /** How long a report that somebody has just requested may take to appear among the tasks. */
  const START_TIMEOUT = 15 * SECOND;
  /** Links work for five minutes; they are renewed when they are this old. */
  const LINK_AGE = 4 * 60 * SECOND;

  const OPEN_STATES = ["queued", "running"];
  const SIZE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const PLATFORM_BUTTONS = "[name='proctored-exam-results-report'], .download-report";

  /** The API refused; the message is its sentence. */
  class Refusal extends Error {}

  async function fetchJson(url, { headers, ...options } = {}) {
    const response = await fetch(url, { ...options, headers: { Accept: "application/json", ...headers } });
    const body = await response.json();
    if (response.ok) {
      return body;
    }
    throw typeof body.detail === "string" ? new Refusal(body.detail) : new Error(response.statusText);
  }

  function page(url, number, size) {
    return `${url}?page=${number}&page_size=${size}`;
  }

  function cookie(name) {
    const pair = document.cookie.split("; ").find((text) => text.startsWith(`${name}=`));
    return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
  }

  function utc(time) {
    return new Date(time).toISOString().slice(0, 16).replace("T", " ");
  }

  /** Put values into the elements that name them in `data-field`. Without a value, an element keeps its text. */
  function fill(root, values) {
    for (const element of root.querySelectorAll("[data-field]")) {
      const value = values[element.dataset.field] ?? null;
      if (element instanceof HTMLTimeElement && value !== null) {
        element.dateTime = value;
        element.textContent = utc(value);
      } else if (value !== null) {
        element.textContent = value;
      }
    }
  }

  class Panel extends HTMLElement {
    #parts = {};
    #rows = new Map();
    #shown = FIRST_REPORTS;
    #linksMadeAt = 0;
    #newestReport = 0;
    #stateByTask = null;
    #taskExpectedUntil = 0;
    #pollDelay = MIN_POLL_DELAY;
    #timer = null;
    #updateCount = 0;
    #visible = false;
    #unreachable = false;
    #disconnected = null;

    connectedCallback() {
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => this.isConnected && this.#connect(), { once: true });
      } else {
        this.#connect();
      }
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      this.#updateCount += 1;
      this.#visible = false;
      this.#disconnected?.abort();
    }

    #connect() {
      for (const part of this.querySelectorAll("[data-part]")) {
        this.#parts[part.dataset.part] = part;
      }
      this.#disconnected = new AbortController();
      const { signal } = this.#disconnected;
      this.#parts.generate?.addEventListener("click", () => this.#generate(), { signal });
      this.#parts.more.addEventListener("click", () => this.#showMore(), { signal });
      this.#parts.rows.addEventListener("click", (event) => this.#follow(event), { signal });
      document.addEventListener("click", (event) => this.#expectTaskOfPlatform(event), { signal });
      document.addEventListener("visibilitychange", () => this.#checkVisibility(), { signal });
      // A hidden section of the dashboard has no size.
      const observer = new ResizeObserver(() => this.#checkVisibility());
      observer.observe(this);
      signal.addEventListener("abort", () => observer.disconnect());
    }

    /** Find out whether somebody can see the panel. If it has just become visible, update everything. */
    #checkVisibility() {
      const before = this.#visible;
      this.#visible = document.visibilityState === "visible" && this.getClientRects().length > 0;
      if (this.#visible && !before) {
        this.#linksMadeAt = 0;
        this.#restartPolling();
      } else if (!this.#visible) {
        clearTimeout(this.#timer);
      }
    }

    #expectTaskOfPlatform(event) {
      if (event.target instanceof Element && event.target.closest(PLATFORM_BUTTONS)) {
        this.#expectTask();
      }
    }

    #expectTask() {
      this.#taskExpectedUntil = Date.now() + START_TIMEOUT;
      this.#restartPolling();
    }

    #restartPolling() {
      this.#pollDelay = MIN_POLL_DELAY;
      this.#update();
    }

    async #generate() {
      const button = this.#parts.generate;
      if (button.getAttribute("aria-disabled") === "true") {
        return;
      }
      button.setAttribute("aria-disabled", "true");
      try {
        const headers = { "Content-Type": "application/json", "X-CSRFToken": cookie(this.dataset.csrfCookie) };
        const started = await fetchJson(this.dataset.reportsUrl, { method: "POST", headers, body: "{}" });
        this.#showStatus(started.message);
      } catch (error) {
        this.#showError(error);
      }
      button.removeAttribute("aria-disabled");
      this.#expectTask();
    }

    async #showMore() {
      const before = this.#rows.size;
      this.#shown += MORE_REPORTS;
      try {
        await this.#loadReports();
        this.#parts.rows.rows[before]?.querySelector("a").focus();
      } catch (error) {
        this.#showError(error);
      }
    }

    /** Renew a link that is too old before following it: the browser may have suspended the page. */
    async #follow(event) {
      const link = event.target.closest("a");
      if (link === null || !this.#linksAreOld()) {
        return;
      }
      event.preventDefault();
      try {
        await this.#loadReports();
        window.location.assign(link.href);
      } catch (error) {
        this.#showError(error);
      }
    }

    /** Load and show the tasks, then poll again: soon while a report is being made, or before the links expire. */
    async #update() {
      clearTimeout(this.#timer);
      const update = ++this.#updateCount;
      let busy;
      try {
        const { results: tasks } = await fetchJson(page(this.dataset.tasksUrl, 1, LARGEST_PAGE));
        const ended = this.#newestEnded(tasks);
        if (ended !== undefined || this.#linksAreOld()) {
          await this.#loadReports();
        }
        if (update !== this.#updateCount) {
          return;
        }
        this.#showTasks(tasks, ended);
        busy = tasks.some((task) => OPEN_STATES.includes(task.state)) || Date.now() < this.#taskExpectedUntil;
      } catch (error) {
        if (update !== this.#updateCount) {
          return;
        }
        this.#showError(error);
        this.#unreachable = true;
        busy = !(error instanceof Refusal);
      }
      if (this.#visible) {
        this.#timer = setTimeout(() => this.#update(), busy ? this.#pollDelay : LINK_AGE);
        this.#pollDelay = Math.min(this.#pollDelay * BACKOFF_FACTOR, MAX_POLL_DELAY);
      }
    }

    #linksAreOld() {
      return Date.now() - this.#linksMadeAt >= LINK_AGE;
    }

    /** Return the newest task that has ended since the last update. */
    #newestEnded(tasks) {
      return this.#stateByTask === null
        ? undefined
        : tasks.find(
            ({ task_id: id, state }) =>
              !OPEN_STATES.includes(state) && this.#stateByTask.get(id) !== state
          );
    }

    #showTasks(tasks, ended) {
      const running = tasks.find((task) => OPEN_STATES.includes(task.state));
      const failed = tasks.find((task) => task.state === "failed");
      const failureIsNews =
        running === undefined && failed !== undefined && Date.parse(failed.finished_at) > this.#newestReport;

      if (running !== undefined) {
        fill(this.#parts.task, running);
        this.#showProgress(running.progress);
      }
      if (failureIsNews) {
        fill(this.#parts.failure, failed);
      }
      this.#parts.task.hidden = running === undefined;
      this.#parts.idle?.toggleAttribute("hidden", running !== undefined);
      this.#parts.failure.hidden = !failureIsNews;

      if (ended !== undefined) {
        this.#showStatus(ended.state === "succeeded" ? ended.message : "");
        this.#taskExpectedUntil = 0;
      } else if (this.#unreachable) {
        this.#showStatus("");
      }
      this.#stateByTask = new Map(tasks.map((task) => [task.task_id, task.state]));
    }

    #showProgress(progress) {
      if (progress === null) {
        this.#parts.progress.removeAttribute("value");
      } else {
        this.#parts.progress.max = progress.total || 1;
        this.#parts.progress.value = progress.attempted;
      }
    }

    async #loadReports() {
      const size = Math.min(this.#shown, LARGEST_PAGE);
      const reports = [];
      let more;
      do {
        const answer = await fetchJson(page(this.dataset.reportsUrl, reports.length / size + 1, size));
        reports.push(...answer.results);
        more = Boolean(answer.next);
      } while (more && reports.length < this.#shown);

      this.#showReports(reports);
      this.#parts.more.hidden = !more;
      this.#linksMadeAt = Date.now();
      this.#newestReport = Math.max(0, ...reports.map((report) => Date.parse(report.finished_at)));
    }

    /** Update the table without moving the rows that stay, so the focus stays, too. */
    #showReports(reports) {
      const names = new Set(reports.map((report) => report.name));
      for (const [name, row] of this.#rows) {
        if (!names.has(name)) {
          row.remove();
          this.#rows.delete(name);
        }
      }
      let next = this.#parts.rows.firstElementChild;
      for (const report of reports) {
        const row = this.#rows.get(report.name) ?? this.#newRow(report);
        row.querySelector("a").href = report.download_url;
        if (row === next) {
          next = next.nextElementSibling;
        } else {
          this.#parts.rows.insertBefore(row, next);
        }
      }
      this.#parts.reports.hidden = reports.length === 0;
      this.#parts.none.hidden = reports.length > 0;
    }

    #newRow(report) {
      const row = this.#parts.row.content.firstElementChild.cloneNode(true);
      const number = new Intl.NumberFormat(this.dataset.language);
      fill(row, { ...report, rows: number.format(report.rows), size: this.#humanSize(report.size) });
      this.#rows.set(report.name, row);
      return row;
    }

    #humanSize(bytes) {
      const power = Math.min(Math.floor(Math.log10(bytes || 1) / 3), SIZE_UNITS.length - 1);
      return new Intl.NumberFormat(this.dataset.language, {
        style: "unit",
        unit: SIZE_UNITS[power],
        unitDisplay: power === 0 ? "long" : "short",
        maximumFractionDigits: 1,
      }).format(bytes / 1000 ** power);
    }

    #showError(error) {
      this.#showStatus(error instanceof Refusal ? error.message : this.dataset.noAnswer, true);
    }

    #showStatus(sentence, isError = false) {
      this.#unreachable = false;
      this.#parts.status.textContent = sentence;
      this.#parts.status.classList.toggle("proctored-results-trouble", isError);
    }
  }

  if (customElements.get("proctored-results-panel") === undefined) {
    customElements.define("proctored-results-panel", Panel);
  }
})();
