/**
 * The panel of proctored exam results in the Data Download section of the instructor dashboard.
 *
 * It shows what the REST API says. All its words come from the API or from the panel's HTML; what HTML there is to
 * make comes from the `<template>` in it. Being a custom element, it works whenever the browser meets script and HTML.
 */
(() => {
  "use strict";

  const FIRST_REPORTS = 5;
  const MORE_REPORTS = 20;
  const LARGEST_PAGE = 100;

  const SECOND = 1000;
  const FIRST_WAIT = 1 * SECOND;
  const LONGEST_WAIT = 15 * SECOND;
  const WAIT_GROWTH = 1.4;
  /** How long a report that somebody just asked for may take to appear among the tasks. */
  const START_TIME = 15 * SECOND;
  /** Links work for five minutes. */
  const LINK_AGE = 4 * 60 * SECOND;

  const OPEN_STATES = ["queued", "running"];
  const PLATFORM_BUTTONS = "[name='proctored-exam-results-report'], .download-report";

  /** The API said no; the message is its sentence. */
  class Refusal extends Error {}

  async function ask(url, options = {}) {
    const response = await fetch(url, {
      credentials: "same-origin",
      ...options,
      headers: { Accept: "application/json", ...options.headers },
    });
    const body = await response.json();
    if (response.ok) {
      return body;
    }
    const sentence = typeof body.detail === "string" ? body.detail : "";
    throw sentence && response.status < 500 || response.status === 503 ? new Refusal(sentence) : new Error(sentence);
  }

  function cookie(name) {
    const pair = document.cookie.split("; ").find((text) => text.startsWith(`${name}=`));
    return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
  }

  function page(url, number, size) {
    return `${url}?page=${number}&page_size=${size}`;
  }

  /** Put the values into the elements whose `data-field` names them; an element without a value keeps its own text. */
  function fill(root, values) {
    for (const element of root.querySelectorAll("[data-field]")) {
      const value = values[element.dataset.field];
      if (value === null || value === undefined) {
        continue;
      }
      if (element instanceof HTMLTimeElement) {
        element.dateTime = value;
        element.textContent = new Date(value).toISOString().slice(0, 16).replace("T", " ");
      } else {
        element.textContent = value;
      }
    }
  }

  class Panel extends HTMLElement {
    #parts = {};
    #rows = new Map();
    #states = null;
    #shown = FIRST_REPORTS;
    #linksMadeAt = 0;
    #newestReportAt = 0;
    #wait = FIRST_WAIT;
    #expectedUntil = 0;
    #timer = null;
    #turn = 0;
    #rendered = false;
    #busy = false;
    #troubled = false;
    #leaving = null;

    connectedCallback() {
      // While the page is being parsed, the element exists before its children do.
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => this.isConnected && this.#begin(), { once: true });
      } else {
        this.#begin();
      }
    }

    disconnectedCallback() {
      this.#leaving?.abort();
      this.#pause();
    }
  }
})();
