/**
 * The panel of proctored exam results, in the Data Download section of the instructor dashboard or on its own page.
 *
 * It shows what the REST API says. Its words come from the API and from the panel's HTML, and new rows from the
 * `<template>` there. Being a custom element, it works in whatever order the browser meets this script and the HTML.
 */
(() => {
  "use strict";

  const FIRST_REPORTS = 5;
  const MORE_REPORTS = 20;
  const LARGEST_PAGE = 100;

  const SECOND = 1000;
  const FIRST_WAIT = SECOND;
  const LONGEST_WAIT = 15 * SECOND;
  const WAIT_GROWTH = 1.4;
  /** How long a report that somebody has just asked for may take to appear among the tasks. */
  const START_TIME = 15 * SECOND;
  /** Links work for five minutes; they are renewed when they are this old. */
  const LINK_AGE = 4 * 60 * SECOND;

  const OPEN_STATES = ["queued", "running"];
  const SIZE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const PLATFORM_BUTTONS = "[name='proctored-exam-results-report'], .download-report";

  /** The API refused; the message is its sentence. */
  class Refusal extends Error {}

  async function ask(url, { headers, ...options } = {}) {
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

  /** Put values into the elements that name them in `data-field`; where there is no value, the text there stays. */
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
    #stateOfTask = null;
    #expectedUntil = 0;
    #wait = FIRST_WAIT;
    #timer = null;
    #turn = 0;
    #visible = false;
    #unreachable = false;
    #disconnected = null;

    connectedCallback() {
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => this.isConnected && this.#begin(), { once: true });
      } else {
        this.#begin();
      }
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      this.#turn += 1;
      this.#visible = false;
      this.#disconnected?.abort();
    }

    #begin() {
      for (const part of this.querySelectorAll("[data-part]")) {
        this.#parts[part.dataset.part] = part;
      }
      this.#disconnected = new AbortController();
      const { signal } = this.#disconnected;
      this.#parts.generate?.addEventListener("click", () => this.#generate(), { signal });
      this.#parts.more.addEventListener("click", () => this.#showMore(), { signal });
      this.#parts.rows.addEventListener("click", (event) => this.#follow(event), { signal });
      document.addEventListener("click", (event) => this.#notice(event), { signal });
      document.addEventListener("visibilitychange", () => this.#look(), { signal });
      // A section of the dashboard that is not the chosen one has no size.
      const observer = new ResizeObserver(() => this.#look());
      observer.observe(this);
      signal.addEventListener("abort", () => observer.disconnect());
    }

    /** Find out whether somebody can see the panel, and if they just came, have everything fresh for them. */
    #look() {
      const before = this.#visible;
      this.#visible = document.visibilityState === "visible" && this.getClientRects().length > 0;
      if (this.#visible && !before) {
        this.#linksMadeAt = 0;
        this.#hurry();
      } else if (!this.#visible) {
        clearTimeout(this.#timer);
      }
    }

    #notice(event) {
      if (event.target instanceof Element && event.target.closest(PLATFORM_BUTTONS)) {
        this.#expect();
      }
    }

    #expect() {
      this.#expectedUntil = Date.now() + START_TIME;
      this.#hurry();
    }

    #hurry() {
      this.#wait = FIRST_WAIT;
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
        const started = await ask(this.dataset.reportsUrl, { method: "POST", headers, body: "{}" });
        this.#say(started.message);
      } catch (error) {
        this.#complain(error);
      }
      button.removeAttribute("aria-disabled");
      this.#expect();
    }

    async #showMore() {
      const before = this.#rows.size;
      this.#shown += MORE_REPORTS;
      try {
        await this.#loadReports();
        this.#parts.rows.rows[before]?.querySelector("a").focus();
      } catch (error) {
        this.#complain(error);
      }
    }

    /** Renew a link that is too old before following it: the page may have slept. */
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
        this.#complain(error);
      }
    }

    /** Ask how things stand, show it, and come back: soon while a report is being made, else before the links expire. */
    async #update() {
      clearTimeout(this.#timer);
      const turn = ++this.#turn;
      let busy;
      try {
        const { results: tasks } = await ask(page(this.dataset.tasksUrl, 1, LARGEST_PAGE));
        const ended = this.#justEnded(tasks);
        if (ended !== undefined || this.#linksAreOld()) {
          await this.#loadReports();
        }
        if (turn !== this.#turn) {
          return;
        }
        this.#showTasks(tasks, ended);
        busy = tasks.some((task) => OPEN_STATES.includes(task.state)) || Date.now() < this.#expectedUntil;
      } catch (error) {
        if (turn !== this.#turn) {
          return;
        }
        this.#complain(error);
        this.#unreachable = true;
        busy = !(error instanceof Refusal);
      }
      if (this.#visible) {
        this.#timer = setTimeout(() => this.#update(), busy ? this.#wait : LINK_AGE);
        this.#wait = Math.min(this.#wait * WAIT_GROWTH, LONGEST_WAIT);
      }
    }

    #linksAreOld() {
      return Date.now() - this.#linksMadeAt >= LINK_AGE;
    }

    /** Return the newest task that has ended since the last update. */
    #justEnded(tasks) {
      return this.#stateOfTask === null
        ? undefined
        : tasks.find(
            ({ task_id: id, state }) =>
              !OPEN_STATES.includes(state) && this.#stateOfTask.get(id) !== state
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
        this.#say(ended.state === "succeeded" ? ended.message : "");
        this.#expectedUntil = 0;
      } else if (this.#unreachable) {
        this.#say("");
      }
      this.#stateOfTask = new Map(tasks.map((task) => [task.task_id, task.state]));
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
        const answer = await ask(page(this.dataset.reportsUrl, reports.length / size + 1, size));
        reports.push(...answer.results);
        more = Boolean(answer.next);
      } while (more && reports.length < this.#shown);

      this.#showReports(reports);
      this.#parts.more.hidden = !more;
      this.#linksMadeAt = Date.now();
      this.#newestReport = Math.max(0, ...reports.map((report) => Date.parse(report.finished_at)));
    }

    /** Bring the table up to date without moving the rows that stay, so that the focus stays too. */
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

    #complain(error) {
      this.#say(error instanceof Refusal ? error.message : this.dataset.noAnswer, true);
    }

    #say(sentence, isTrouble = false) {
      this.#unreachable = false;
      this.#parts.status.textContent = sentence;
      this.#parts.status.classList.toggle("proctored-results-trouble", isTrouble);
    }
  }

  if (customElements.get("proctored-results-panel") === undefined) {
    customElements.define("proctored-results-panel", Panel);
  }
})();
