import { type App, expectedVersion, problems, Type, versionTag } from '@tandem/common';
import { type AuthClient, fetchMe } from './account.ts';
import { colorOf, drawInitials, initialsOf, readImage } from './avatar.ts';
import { checkedUpdate } from './preferences.ts';
import { imageTooLarge, notAnImage, sessionEnded, userNotFound } from './problems.ts';
import type { Profile, Profiles } from './profiles.ts';
import {
  AvatarQuery,
  NewImage,
  OwnProfile,
  Picture,
  ProfileChanges,
  User,
  UserList,
  UserParams,
  UsersQuery,
} from './schemas.ts';

/** The public interface of the service. */
export function addRoutes(app: App, profiles: Profiles, auth: AuthClient): void {
  /** One's own profile is there from the first moment: where the event of the registration is not, auth is asked. */
  async function ownProfile(id: string): Promise<Profile> {
    const found = await profiles.find(id);
    if (found !== null) return found;
    const { name, createdAt } = await fetchMe(auth);
    await profiles.create({ id, name, createdAt });
    return present(id);
  }

  async function present(id: string): Promise<Profile> {
    const profile = await profiles.find(id);
    if (profile === null) throw userNotFound();
    return profile;
  }

  app.get(
    '/api/users/me',
    {
      config: { problems: [sessionEnded] },
      schema: { summary: 'My profile', response: { 200: OwnProfile } },
    },
    async ({ user }, reply) => {
      const profile = await ownProfile(user.id);
      return reply.header('etag', versionTag(profile.version)).send(ownView(profile));
    },
  );

  app.patch(
    '/api/users/me',
    {
      config: { problems: [sessionEnded, problems.preconditionFailed] },
      schema: {
        summary: 'Change my profile',
        description: 'With If-Match only if it is still the version that the ETag names.',
        body: ProfileChanges,
        response: { 200: OwnProfile },
      },
    },
    async ({ user, body, headers }, reply) => {
      const expected = expectedVersion(headers['if-match']);
      const changes = checkedUpdate(body);
      await ownProfile(user.id);
      await profiles.update(user.id, changes, expected);
      const profile = await present(user.id);
      return reply.header('etag', versionTag(profile.version)).send(ownView(profile));
    },
  );

  app.put(
    '/api/users/me/avatar',
    {
      config: { problems: [sessionEnded, notAnImage, imageTooLarge] },
      schema: { summary: 'Set my picture', body: NewImage, response: { 200: OwnProfile } },
    },
    async ({ user, body }) => {
      const image = readImage(body.image);
      await ownProfile(user.id);
      await profiles.setImage(user.id, image);
      return ownView(await present(user.id));
    },
  );

  app.delete(
    '/api/users/me/avatar',
    {
      config: { problems: [sessionEnded] },
      schema: { summary: 'Go back to my initials', response: { 204: Type.Null() } },
    },
    async ({ user }, reply) => {
      await ownProfile(user.id);
      await profiles.setImage(user.id, null);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/users',
    {
      config: { access: 'guest' },
      schema: { summary: 'Several users', querystring: UsersQuery, response: { 200: UserList } },
    },
    async ({ query }) => {
      const ids = [...new Set(query.ids.split(','))];
      return { users: (await profiles.findAll(ids)).map(viewOf) };
    },
  );

  app.get(
    '/api/users/:id',
    {
      config: { access: 'guest', problems: [userNotFound] },
      schema: { summary: 'A user', params: UserParams, response: { 200: User } },
    },
    async ({ params }) => viewOf(await present(params.id)),
  );

  app.get(
    '/api/users/:id/avatar',
    {
      // An <img> sends no token. Whoever knows the id, which cannot be guessed, has met the user.
      config: { access: 'public', problems: [userNotFound] },
      schema: {
        summary: 'The picture of a user',
        description: 'The image that the user has set, else the initials on the colour.',
        params: UserParams,
        querystring: AvatarQuery,
        response: { 200: Picture, 304: Type.Null() },
      },
    },
    async ({ params, headers }, reply) => {
      const profile = await present(params.id);
      const etag = versionTag(profile.version);
      reply.headers({ etag, 'cache-control': 'public, max-age=300' });
      if (headers['if-none-match']?.replace(/^W\//, '') === etag) return reply.code(304).send(null);
      const image = profile.hasImage ? await profiles.findImage(profile.id) : null;
      const { type, bytes } = image ?? drawInitials(profile.name, profile.color ?? colorOf(profile.id));
      // Opened by itself it must not be more than a picture.
      reply.headers({
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      });
      return reply.type(type).send(bytes);
    },
  );
}

function viewOf({ id, name, color, version }: Profile) {
  return {
    id,
    name,
    initials: initialsOf(name),
    color: color ?? colorOf(id),
    avatar: `/api/users/${id}/avatar?v=${version}`,
  };
}

function ownView(profile: Profile) {
  const { hasImage, language, timeZone, createdAt } = profile;
  return { ...viewOf(profile), hasImage, language, timeZone, createdAt };
}
