/*
 * <proctored-exam-result lms-url="…" course-id="…" usage-key="…">: the result of the proctoring review of an exam, for
 * pages that the LMS does not render itself. It requests the result from the LMS with the visitor's cookies. It shows
 * nothing if there is no result, or after any error. It requests the result again when an attribute changes, when the
 * page becomes visible or gets the focus, and when refresh() is called.
 */
(() => {
  "use strict";

  const NAME = "proctored-exam-result";
  if (customElements.get(NAME)) {
    return;
  }

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    made.className = className;
    if (text) {
      made.textContent = text;
    }
    return made;
  };

  const stylesheet = (lmsUrl) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = STYLE || `${lmsUrl}/static/proctored_results/result.css`;
    return link;
  };

  // The stylesheet is next to this script, wherever the LMS serves its static files.
  const SCRIPT = document.currentScript && document.currentScript.src;
  const STYLE = SCRIPT && /\/result\.js(\?.*)?$/.test(SCRIPT) ? SCRIPT.replace(/\.js(?=(\?.*)?$)/, ".css") : null;

  class ProctoredExamResult extends HTMLElement {
    static observedAttributes = ["lms-url", "course-id", "usage-key"];

    #requestCount = 0;

    #shown = null;

    #isNoExam = false;

    #refreshIfVisible = () => {
      if (document.visibilityState === "visible" && !this.#isNoExam) {
        this.refresh();
      }
    };

    connectedCallback() {
      if (!this.shadowRoot) {
        this.attachShadow({ mode: "open" });
      }
      window.addEventListener("focus", this.#refreshIfVisible);
      document.addEventListener("visibilitychange", this.#refreshIfVisible);
      this.refresh();
    }

    disconnectedCallback() {
      window.removeEventListener("focus", this.#refreshIfVisible);
      document.removeEventListener("visibilitychange", this.#refreshIfVisible);
      this.#requestCount += 1;
    }

    attributeChangedCallback() {
      if (this.isConnected && this.shadowRoot) {
        this.refresh();
      }
    }

    /** Request the result from the LMS and show it. */
    async refresh() {
      const request = (this.#requestCount += 1);
      const answer = await this.#fetchAnswer().catch(() => null);
      // An unchanged result is not rendered again, so nothing flickers, loses the focus or is read out again.
      const shown = JSON.stringify(answer);
      if (request === this.#requestCount && shown !== this.#shown) {
        this.#shown = shown;
        this.#isNoExam = answer !== null && answer.exam_name === null;
        this.#show(answer);
      }
    }

    async #fetchAnswer() {
      const [lmsUrl, courseId, usageKey] = ["lms-url", "course-id", "usage-key"].map((name) => this.getAttribute(name));
      if (lmsUrl === null || !courseId || !usageKey) {
        return null;
      }
      const path = `v1/courses/${encodeURIComponent(courseId)}/exams/${encodeURIComponent(usageKey)}/result/`;
      const response = await fetch(`${lmsUrl.replace(/\/$/, "")}/api/proctored_results/${path}`, {
        credentials: "include",
        headers: { Accept: "application/json" },
      });
      return response.ok ? response.json() : null;
    }

    #show(answer) {
      if (!answer || !answer.result) {
        this.shadowRoot.replaceChildren();
        return;
      }
      const box = element("section", `${NAME} ${NAME}-${answer.tone}`);
      box.setAttribute("role", "status");
      box.setAttribute("aria-label", answer.title);
      box.dir = getComputedStyle(this).direction;
      const heading = element("p", `${NAME}-heading`);
      const icon = element("span", `${NAME}-icon`);
      icon.setAttribute("aria-hidden", "true");
      const exam = element("span", `${NAME}-exam`, answer.exam_name);
      exam.dir = "auto";
      heading.append(
        icon,
        exam,
        element("strong", `${NAME}-label`, answer.label),
      );
      box.append(heading);
      for (const line of [answer.message, ...answer.consequences, ...answer.remarks]) {
        box.append(element("p", `${NAME}-line`, line));
      }
      if (answer.contact) {
        const line = element("p", `${NAME}-line`, `${answer.contact_label} `);
        const contact = element(answer.contact_url ? "a" : "bdi", `${NAME}-contact`, answer.contact);
        if (answer.contact_url) {
          contact.href = answer.contact_url;
        }
        line.append(contact);
        box.append(line);
      }
      this.shadowRoot.replaceChildren(stylesheet(this.getAttribute("lms-url").replace(/\/$/, "")), box);
    }
  }

  customElements.define(NAME, ProctoredExamResult);
})();
