/*
 * ProctoredExamResult: the result of the proctoring review, above the exam in the learning MFE. It is a widget for the
 * slot org.openedx.frontend.learning.course_breadcrumbs.v1, and is defined inside the function setConfig of an
 * env.config.jsx.
 *
 * It only shows the web component of the LMS, which decides whether there is something to show. The slot is one item of
 * a row with other items. So the component is inserted before this row: it has a line of its own and takes no room from
 * the others. Nothing here throws, because the slot would then show an error in the middle of the page.
 */
const ProctoredExamResult = await (async () => {
  const { createContext, useContext, useEffect, useRef } = await import('react');
  const { getConfig } = await import('@edx/frontend-platform');
  let StoreContext = createContext(null);
  try {
    StoreContext = (await import('react-redux')).ReactReduxContext;
  } catch {
    // Without a store, the component still asks again when the window gets the focus.
  }

  const NAME = 'proctored-exam-result';

  // Course and sequence in a decoded path, which may begin with anything.
  const EXAM_IN_PATH = new RegExp(
    '/course/([^/]+|[^/]+/[^/]+/[^/]+)/((?:ccx-)?block-v1:[^/]+|i4x://[^/]+/[^/]+/[^/]+/[^/]+)(?:/|$)',
  );

  // Teak gives the slot no props.
  const examInAddress = () => {
    try {
      const [, course, sequence] = decodeURIComponent(window.location.pathname).match(EXAM_IN_PATH);
      return [course, sequence];
    } catch {
      return [];
    }
  };

  const loadComponent = (lmsUrl) => {
    if (document.querySelector(`script[data-for="${NAME}"]`)) {
      return;
    }
    const script = document.createElement('script');
    script.dataset.for = NAME;
    // The file keeps its name when its content changes. With the date in the URL, a browser keeps it for a day at most.
    script.src = `${lmsUrl}/static/proctored_results/result.js?v=${new Date().toISOString().slice(0, 10)}`;
    script.onerror = () => script.remove();
    document.head.append(script);
  };

  const show = (row, courseId, usageKey) => {
    const lmsUrl = getConfig().LMS_BASE_URL;
    loadComponent(lmsUrl);
    const component = document.createElement(NAME);
    component.style.display = 'block';
    component.setAttribute('lms-url', lmsUrl);
    component.setAttribute('course-id', courseId);
    component.setAttribute('usage-key', usageKey);
    row.before(component);
    return component;
  };

  // The status of the attempt changes without a reload of the page.
  const refreshWithAttempt = (component, store) => {
    const status = () => store.getState()?.specialExams?.exam?.attempt?.attempt_status;
    let seen = status();
    return store.subscribe(() => {
      if (seen !== status()) {
        seen = status();
        component.refresh?.();
      }
    });
  };

  return ({ courseId, sequenceId }) => {
    const place = useRef(null);
    const store = useContext(StoreContext)?.store;
    const [course, sequence] = courseId && sequenceId ? [courseId, sequenceId] : examInAddress();

    useEffect(() => {
      if (!sequence) {
        return undefined;
      }
      const undo = [];
      try {
        const component = show(place.current.parentElement, course, sequence);
        undo.push(() => component.remove());
        if (store) {
          undo.push(refreshWithAttempt(component, store));
        }
      } catch (error) {
        console.warn('The result of a proctored exam cannot be shown:', error);
      }
      return () => undo.forEach((step) => step());
    }, [course, sequence, store]);

    return <span ref={place} hidden />;
  };
})();
