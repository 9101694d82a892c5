// Looks again every three seconds while a list is being checked; without scripts the page renews itself.
setTimeout(() => location.reload(), 3000);
