/* The tabs of the new instructor dashboard, shown as its micro-frontend shows them. */
(function () {
    'use strict';

    var main = document.getElementById('main');
    var list = main.querySelector('.instructor-nav');
    var content = main.querySelector('.tab-content');

    function show(metadata) {
        metadata.tabs.sort(function (one, other) { return one.sort_order - other.sort_order; });
        metadata.tabs.forEach(function (tab) {
            var link = document.createElement('a');
            var item = document.createElement('li');
            link.href = tab.url;
            link.textContent = tab.title;
            if (tab.tab_id === main.dataset.tab) {
                link.setAttribute('aria-current', 'page');
                content.textContent = 'The sandbox does not have the page ' + tab.title + '.';
            }
            item.className = 'nav-item';
            item.append(link);
            list.append(item);
        });
    }

    fetch(main.dataset.metadataUrl, {headers: {Accept: 'application/json'}}).then(function (response) {
        if (!response.ok) {
            throw new Error(response.status);
        }
        return response.json();
    }).then(show, function () {
        content.textContent = 'You have no access to the instructor dashboard of this course.';
    });
}());
