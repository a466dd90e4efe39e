/* The script of the instructor dashboard. It treats what plugins add to the page as the platform's does. */
(function () {
    'use strict';

    var POLL_INTERVAL = 20000;
    var FAILURES_BEFORE_GIVING_UP = 5;

    function findExactlyOne(root, selector) {
        var found = root.querySelectorAll(selector);
        if (found.length !== 1) {
            throw new Error('Expected exactly one ' + selector + ', found ' + found.length);
        }
        return found[0];
    }

    function csrfToken() {
        var cookie = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]*)/);
        return cookie ? decodeURIComponent(cookie[1]) : '';
    }

    /* POST without a body; onError gets the text of the answer, empty if there was none. */
    function post(url, onSuccess, onError) {
        fetch(url, {
            method: 'POST',
            headers: {'X-CSRFToken': csrfToken(), 'X-Requested-With': 'XMLHttpRequest', Accept: 'application/json'}
        }).then(function (response) {
            return response.text().then(function (body) {
                if (response.ok) {
                    onSuccess(JSON.parse(body));
                } else {
                    onError(body);
                }
            });
        }, function () {
            onError('');
        });
    }

    function Poller(poll) {
        var timer = null;
        var failures = 0;
        var poller = {
            start: function () {
                poll(poller);
                if (timer === null) {
                    timer = setInterval(function () { poll(poller); }, POLL_INTERVAL);
                }
            },
            stop: function () {
                clearInterval(timer);
                timer = null;
            },
            backOff: function () {
                failures += 1;
                if (failures >= FAILURES_BEFORE_GIVING_UP) {
                    poller.stop();
                }
            }
        };
        return poller;
    }

    /* columns: [[heading, function of a row that returns a text or an element], …] */
    function fillTable(place, columns, rows) {
        var table = document.createElement('table');
        var head = table.createTHead().insertRow();
        var body = table.createTBody();
        columns.forEach(function (column) {
            var cell = document.createElement('th');
            cell.scope = 'col';
            cell.textContent = column[0];
            head.appendChild(cell);
        });
        rows.forEach(function (row) {
            var line = body.insertRow();
            columns.forEach(function (column) {
                line.insertCell().append(column[1](row));
            });
        });
        place.replaceChildren(table);
    }

    function field(name) {
        return function (row) { return String(row[name]); };
    }

    function pendingTasks(section) {
        var tasks = findExactlyOne(section, '.running-tasks-section');
        var table = findExactlyOne(section, '.running-tasks-table');
        var none = findExactlyOne(section, '.no-pending-tasks-message');
        var columns = [
            ['Task Type', field('task_type')],
            ['Task inputs', field('task_input')],
            ['Task ID', field('task_id')],
            ['Requester', field('requester')],
            ['Submitted', field('created')],
            ['Duration (sec)', field('duration_sec')],
            ['State', field('task_state')],
            ['Task Status', field('status')],
            ['Task Progress', field('task_message')]
        ];
        return Poller(function (poller) {
            post(table.dataset.endpoint, function (answer) {
                var any = answer.tasks.length > 0;
                tasks.style.display = any ? '' : 'none';
                none.style.display = any ? 'none' : '';
                if (any) {
                    fillTable(table, columns, answer.tasks);
                } else {
                    none.textContent = 'No tasks currently running.';
                }
            }, poller.backOff);
        });
    }

    function reportDownloads(section) {
        var table = findExactlyOne(section, '.report-downloads-table');
        function link(row) {
            var anchor = document.createElement('a');
            anchor.href = row.url;
            anchor.target = '_blank';
            anchor.rel = 'noopener';
            anchor.textContent = row.name;
            return anchor;
        }
        return Poller(function (poller) {
            post(table.dataset.endpoint, function (answer) {
                if (answer.downloads.length) {
                    fillTable(table, [['File Name', link]], answer.downloads);
                }
            }, poller.backOff);
        });
    }

    function clearDisplay(section) {
        section.querySelectorAll('.request-response, .request-response-error').forEach(function (area) {
            area.replaceChildren();
            area.style.display = 'none';
        });
    }

    function show(area, text) {
        area.textContent = text;
        area.style.display = 'block';
    }

    function request(section, endpoint) {
        clearDisplay(section);
        post(endpoint, function (answer) {
            clearDisplay(section);
            show(findExactlyOne(section, '#report-request-response'), answer.status);
        }, function (body) {
            clearDisplay(section);
            show(
                findExactlyOne(section, '#report-request-response-error'),
                body ? JSON.parse(body) : 'The report could not be requested. Please try again.'
            );
        });
    }

    function dataDownload(section) {
        var pollers = [reportDownloads(section), pendingTasks(section)];
        var select = section.querySelector('select.report-type');
        section.querySelectorAll('input[type="button"][data-endpoint]').forEach(function (button) {
            button.addEventListener('click', function () { request(section, button.dataset.endpoint); });
        });
        if (select) {
            select.addEventListener('change', function () {
                section.querySelectorAll('.selectionInfo').forEach(function (info) {
                    info.hidden = !info.classList.contains(select.value);
                });
                clearDisplay(section);
            });
            select.dispatchEvent(new Event('change'));
            findExactlyOne(section, '.download-report').addEventListener('click', function () {
                request(section, select.selectedOptions[0].dataset.endpoint);
            });
        }
        return {
            enter: function () {
                clearDisplay(section);
                pollers.forEach(function (poller) { poller.start(); });
            },
            leave: function () {
                pollers.forEach(function (poller) { poller.stop(); });
            }
        };
    }

    var behaviours = {data_download: dataDownload, data_download_2: dataDownload};
    var current = null;
    var tabs = document.querySelectorAll('.instructor-nav .btn-link');
    var sections = {};

    tabs.forEach(function (tab) {
        var key = tab.dataset.section;
        var element = document.getElementById(key);
        sections[key] = {
            tab: tab,
            element: element,
            behaviour: behaviours[key] ? behaviours[key](element) : null
        };
        tab.addEventListener('click', function () {
            history.replaceState(null, '', '#view-' + key);
            open(key);
        });
    });

    function open(key) {
        if (current && sections[current].behaviour) {
            sections[current].behaviour.leave();
        }
        current = key;
        Object.keys(sections).forEach(function (each) {
            sections[each].element.hidden = each !== key;
            sections[each].tab.classList.toggle('active-section', each === key);
        });
        if (sections[key].behaviour) {
            sections[key].behaviour.enter();
        }
    }

    if (tabs.length) {
        var wanted = location.hash.replace('#view-', '');
        open(sections[wanted] ? wanted : tabs[0].dataset.section);
    }
}());
