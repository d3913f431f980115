let user;

exports.handler = async (event) => {
  user = event.user;
  await fetch("https://example.com/log");
  return { user };
};
