/*
 * ProctoredExamResult: the result of the proctoring review, above the exam in the learning MFE. It goes into the slot
 * org.openedx.frontend.learning.course_breadcrumbs.v1, and is defined inside of the function setConfig of an
 * env.config.jsx.
 *
 * All it shows is the web component of the LMS, which knows when there is nothing to show. The slot is one item of a
 * row that it shares with others: the component is put before that row, so that it has a line of its own and takes no
 * room from anything. Nothing here raises: the slot would show an error in the middle of the page.
 */
const ProctoredExamResult = await (async () => {
  const { createContext, useContext, useEffect, useRef } = await import('react');
  const { getConfig } = await import('@edx/frontend-platform');
  let StoreContext = createContext(null);
  try {
    StoreContext = (await import('react-redux')).ReactReduxContext;
  } catch {
    // Without a store the component still asks again whenever the window gets the focus.
  }

  const NAME = 'proctored-exam-result';

  // Course and sequence, in a path that may have been encoded, and may begin with anything.
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
    // The name of the file stays the same when its content changes: a browser may keep it for a day.
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

  // The page goes from one status of the attempt to the next without being loaded again.
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
