/*
 * A page that stands in for the learning MFE. It has the row of breadcrumbs with the real plugin slot, as in Teak (no
 * props) or in later releases, and a store with the status of the attempt. Tests write window.HOST before it runs.
 */
import { useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'react-redux';
import { createStore } from 'redux';
import { mergeConfig } from '@edx/frontend-platform';
import { IntlProvider } from '@edx/frontend-platform/i18n';
import { PluginSlot } from '@openedx/frontend-plugin-framework';
import '@openedx/paragon/dist/core.min.css';
import '@openedx/paragon/dist/light.min.css';

import setConfig from 'env.config';

const SLOT = 'org.openedx.frontend.learning.course_breadcrumbs.v1';
const { lmsUrl, teak, withStore } = window.HOST;

const attempt = (state = {}, action) => (action.type === 'attempt' ? { attempt_status: action.status } : state);
const store = createStore((state, action) => ({ specialExams: { exam: { attempt: attempt(state?.specialExams.exam.attempt, action) } } }));

let exam = window.HOST.exam;
const listeners = new Set();
const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

// Tests call these.
window.attemptBecomes = (status) => store.dispatch({ type: 'attempt', status });
window.goTo = (path, other) => {
  window.history.pushState(null, '', path);
  exam = other;
  listeners.forEach((listener) => listener());
};

const Breadcrumbs = () => (
  <nav aria-label="breadcrumb" className="d-inline-block col-sm-10 mb-3">
    <ol className="list-unstyled d-flex flex-nowrap align-items-center m-0"><li>Course / Section / Exam</li></ol>
  </nav>
);

const Page = () => {
  const shown = useSyncExternalStore(subscribe, () => exam);
  return (
    <main id="main-content" className="d-flex flex-column flex-grow-1">
      <div className="container-xl">
        <div id="row" className="position-relative d-flex align-items-xl-center mb-4 mt-1 flex-column flex-xl-row">
          <PluginSlot
            id={SLOT}
            idAliases={['course_breadcrumbs_slot']}
            slotOptions={{ mergeProps: true }}
            pluginProps={teak ? undefined : { ...shown, isStaff: false }}
          >
            {teak ? <Breadcrumbs /> : undefined}
          </PluginSlot>
          <div id="triggers" className="w-100 d-flex align-items-center">
            <button type="button" className="btn btn-outline-primary d-xl-none">Outline</button>
            <div className="d-flex ml-auto">
              <button type="button" className="btn btn-outline-primary">Discussions</button>
            </div>
          </div>
        </div>
        <div id="exam" className="border p-4">The exam&rsquo;s own page</div>
      </div>
    </main>
  );
};

mergeConfig({ LMS_BASE_URL: lmsUrl });
mergeConfig(await setConfig());
const page = <IntlProvider locale="en"><Page /></IntlProvider>;
createRoot(document.getElementById('root')).render(withStore ? <Provider store={store}>{page}</Provider> : page);
