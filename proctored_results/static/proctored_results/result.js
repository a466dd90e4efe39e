/*
 * <proctored-exam-result lms-url="…" course-id="…" usage-key="…">: the result of the proctoring review of an exam, for
 * pages that the LMS does not render itself. It asks the LMS with the visitor's cookies, shows nothing where there is
 * nothing to show or on any trouble, and asks again when an attribute changes, when its page is looked at again, and
 * when refresh() is called.
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

  // Beside this script, whatever the static files of the LMS are called and wherever they lie.
  const SCRIPT = document.currentScript && document.currentScript.src;
  const STYLE = SCRIPT && /\/result\.js(\?.*)?$/.test(SCRIPT) ? SCRIPT.replace(/\.js(?=(\?.*)?$)/, ".css") : null;

  class ProctoredExamResult extends HTMLElement {
    static observedAttributes = ["lms-url", "course-id", "usage-key"];

    #asked = 0;

    #shown = null;

    #noExam = false;

    #lookAgain = () => {
      if (document.visibilityState === "visible" && !this.#noExam) {
        this.refresh();
      }
    };

    connectedCallback() {
      if (!this.shadowRoot) {
        this.attachShadow({ mode: "open" });
      }
      window.addEventListener("focus", this.#lookAgain);
      document.addEventListener("visibilitychange", this.#lookAgain);
      this.refresh();
    }

    disconnectedCallback() {
      window.removeEventListener("focus", this.#lookAgain);
      document.removeEventListener("visibilitychange", this.#lookAgain);
      this.#asked += 1;
    }

    attributeChangedCallback() {
      if (this.isConnected && this.shadowRoot) {
        this.refresh();
      }
    }

    /** Ask the LMS and show what it answers. */
    async refresh() {
      const asked = (this.#asked += 1);
      const answer = await this.#answer().catch(() => null);
      // What stays the same is left alone, so that nothing flickers, loses the focus or is read out again.
      const shown = JSON.stringify(answer);
      if (asked === this.#asked && shown !== this.#shown) {
        this.#shown = shown;
        this.#noExam = answer !== null && answer.exam_name === null;
        this.#show(answer);
      }
    }

    async #answer() {
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
