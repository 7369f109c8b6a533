// Keeps the picture as the door last told it. A door that says nothing for some
// seconds is not shown as it was: a name must not stay, nor an invitation.
(function () {
  "use strict";

  var SILENT_AFTER = 4000; // milliseconds; the door speaks every second
  var AGAIN_AFTER = 1000;
  var screen = document.getElementById("screen");
  var lost = document.getElementById("lost");
  var shown = null;
  var silence = 0;

  function show(picture) {
    if (picture !== shown) {
      screen.innerHTML = picture; // written by the agent, every text escaped
      shown = picture;
    }
  }

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(function () {
      show(lost.innerHTML);
    }, SILENT_AFTER);
  }

  function listen() {
    var door = new EventSource("/live");
    door.addEventListener("picture", function (event) {
      heard();
      show(event.data);
    });
    door.addEventListener("error", function () {
      if (door.readyState === EventSource.CLOSED) {
        setTimeout(listen, AGAIN_AFTER);
      }
    });
  }

  heard();
  listen();
})();
