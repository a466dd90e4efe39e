/* What edx-proctoring's own pages expect of the LMS around them, and "view this course as". */
(() => {
  "use strict";
  const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1];

  window.gettext = (text) => text;
  window.accessible_modal = () => {};
  const $ = window.jQuery;
  $.ajaxSetup({ headers: { "X-CSRFToken": cookie("csrftoken") } });
  const change = function change() {
    const button = $(this);
    $.ajax({ url: button.data("change-state-url"), type: "PUT", data: { action: button.data("action") } })
      .done(() => window.location.reload());
  };
  window.edx = {
    courseware: {
      proctored_exam: {
        accessibleError: (title, message) => window.alert(`${title}\n${message}`),
        checkExamAttemptStatus: async (url) => (await (await fetch(url)).json()).status,
        examEndHandler: change,
        examStartHandler: change,
        updateStatusHandler: change,
      },
    },
  };

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector(".view-as");
    if (!form) {
      return;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const choice = new FormData(form);
      const specific = choice.get("role") === "specific";
      const response = await fetch(form.dataset.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
        body: JSON.stringify({
          role: specific ? "student" : choice.get("role"),
          user_name: specific ? choice.get("user_name") : null,
        }),
      });
      const answer = await response.json();
      if (answer.success) {
        window.location.reload();
      } else {
        form.querySelector(".view-as-error").textContent = answer.error || "That did not work.";
      }
    });
  });
})();
